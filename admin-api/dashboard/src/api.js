// The relay's own API, at the address that this page came from.

const kTokenName = "parley-admin-token";
const kPatience = 4500;

export const token = {
  // Of this tab alone: gone with it, and no other page's.
  get: () => sessionStorage.getItem(kTokenName),
  set: (value) => (value ? sessionStorage.setItem(kTokenName, value) : sessionStorage.removeItem(kTokenName)),
};

// What the relay answered when it did not do it: `message` is its own text.
export class Refused extends Error {
  constructor(status, title, detail) {
    super(detail || title);
    this.status = status;
    this.title = title;
  }
}

async function refusal(response) {
  const text = await response.text();
  try {
    const problem = JSON.parse(text);
    return new Refused(response.status, problem.title, problem.detail);
  } catch {
    return new Refused(response.status, response.statusText, text.trim());
  }
}

export function request(path, {method = "GET", body, signal} = {}) {
  const headers = {};
  if (token.get()) headers.Authorization = `Bearer ${token.get()}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return fetch(path, {
    method,
    headers,
    signal,
    cache: "no-store",
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

// The JSON of an answer, null of one without a body. Throws Refused, or TypeError and DOMException when nobody answers.
export async function call(method, path, body, patience = kPatience) {
  const response = await request(path, {method, body, signal: AbortSignal.timeout(patience)});
  if (!response.ok) throw await refusal(response);
  return response.status === 204 ? null : response.json();
}

export const get = (path) => call("GET", path);

// Of /readyz and /metrics, whose 503 has something to say, too.
export async function get_text(path) {
  const response = await request(path, {signal: AbortSignal.timeout(kPatience)});
  return {ok: response.ok, status: response.status, text: await response.text()};
}

// An answer without an end. Throws Refused.
export async function open_stream(path, signal) {
  const response = await request(path, {signal});
  if (!response.ok) throw await refusal(response);
  return response.body;
}
