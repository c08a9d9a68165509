// Numbers, sizes and times as an operator reads them. All take null for "not measured".

export const kNone = "–";
const with_commas = new Intl.NumberFormat("en", {maximumFractionDigits: 0});
const three_digits = new Intl.NumberFormat("en", {maximumSignificantDigits: 3, useGrouping: true});

const is_none = (value) => value === null || value === undefined || Number.isNaN(value);

export const count = (value) => (is_none(value) ? kNone : with_commas.format(value));

// 56.1k, 1.2M; small numbers as they are, rates below 10 with what is behind the point.
function scaled(value, units) {
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit + 1 < units.length) {
    value /= 1000;
    ++unit;
  }
  return three_digits.format(value) + units[unit];
}

export const compact = (value) => (is_none(value) ? kNone : scaled(value, ["", "k", "M", "G", "T"]));
export const bytes = (value) => (is_none(value) ? kNone : scaled(value, [" B", " kB", " MB", " GB", " TB"]));

// What takes well below a second mostly.
export function latency(seconds) {
  if (is_none(seconds)) return kNone;
  if (seconds === 0) return "0 ms";
  if (seconds < 1e-6) return "< 1 µs";
  if (seconds < 0.001) return three_digits.format(seconds * 1e6) + " µs";
  if (seconds < 1) return three_digits.format(seconds * 1e3) + " ms";
  return three_digits.format(seconds) + " s";
}

// The two largest units: "12 d", "3 h 4 min", "23 s".
export function duration(seconds) {
  if (is_none(seconds)) return kNone;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60)
    return minutes < 10 && seconds % 60 >= 1 ? `${minutes} min ${Math.floor(seconds % 60)} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  const days = Math.floor(hours / 24);
  return days < 10 && hours % 24 ? `${days} d ${hours % 24} h` : `${days} d`;
}

const two = (number) => String(number).padStart(2, "0");
// The operator's own time of day.
export function clock(date, with_seconds = true) {
  const text = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return with_seconds ? `${text}:${two(date.getSeconds())}` : text;
}
export const day = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

// The time of day alone when it is today's.
export function moment(text, now = new Date()) {
  if (!text) return kNone;
  const date = new Date(text);
  return day(date) === day(now) ? clock(date) : `${day(date)} ${clock(date, false)}`;
}

// many(1, "session") = "1 session", many(2, "session") = "2 sessions"
export const many = (number, word, plural = word + "s") => `${count(number)} ${number === 1 ? word : plural}`;
