// Server-Sent Events (HTML Living Standard section 9.2) out of fetch: EventSource can send no token.

// Yields {name, data}, and null for a comment: a sign of life.
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "",
    name = "message",
    data = [];
  for (;;) {
    const {value, done} = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines.map((text) => text.replace(/\r$/, ""))) {
      if (line === "") {
        if (data.length) yield {name, data: data.join("\n")};
        name = "message";
        data = [];
      } else if (line.startsWith(":")) {
        yield null;
      } else {
        const [, field, text] = line.match(/^([^:]*):? ?(.*)$/);
        if (field === "event") name = text;
        if (field === "data") data.push(text);
      }
    }
  }
}
