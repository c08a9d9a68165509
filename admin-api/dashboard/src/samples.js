// What the curves show: /api/v1/history, gone on with for as long as the page is open.

const kKept = 60 * 60 * 1000;
// Samples further apart than that have something missing between them.
const kGap = 2.5;

export const kProtocols = ["classic", "relay"];

export class Samples {
  #rows = new Map(); // by milliseconds: column name to value
  #every = 5000;

  // Takes an answer; what is there already stays. Columns of a protocol are "classic.waiting".
  merge(history) {
    this.#every = history.every_s * 1000;
    const {time, every_s: _, ...columns} = history;
    time.forEach((text, i) => {
      const at = Date.parse(text);
      if (this.#rows.has(at)) return;
      const row = {};
      for (const [name, column] of Object.entries(columns)) {
        if (Array.isArray(column)) row[name] = column[i];
        else for (const [inner, values] of Object.entries(column)) row[`${name}.${inner}`] = values[i];
      }
      this.#rows.set(at, row);
    });
    const newest = this.newest();
    for (const at of [...this.#rows.keys()]) if (at < newest - kKept) this.#rows.delete(at);
  }

  newest() {
    return this.#rows.size ? Math.max(...this.#rows.keys()) : null;
  }

  // {times: [seconds], rows}: oldest first, with an empty row where samples are missing, so that no line is drawn there.
  since(from) {
    const times = [],
      rows = [];
    let before = null;
    for (const at of [...this.#rows.keys()].sort((a, b) => a - b)) {
      if (at < from) continue;
      if (before !== null && at - before > kGap * this.#every) {
        times.push((before + at) / 2000);
        rows.push({});
      }
      times.push(at / 1000);
      rows.push(this.#rows.get(at));
      before = at;
    }
    return {times, rows};
  }

  last() {
    return this.#rows.get(this.newest()) ?? {};
  }
}

// Both protocols together; null when neither was measured.
export function total(row, name) {
  const values = kProtocols
    .map((protocol) => row[`${protocol}.${name}`])
    .filter((value) => value !== null && value !== undefined);
  return values.length ? values.reduce((sum, value) => sum + value, 0) : null;
}
export function worst(row, name) {
  const values = kProtocols
    .map((protocol) => row[`${protocol}.${name}`])
    .filter((value) => value !== null && value !== undefined);
  return values.length ? Math.max(...values) : null;
}
export function all_sessions(row) {
  const values = ["active", "held", "closing"].map((state) => total(row, `sessions_${state}`));
  return values.includes(null) ? null : values.reduce((sum, value) => sum + value, 0);
}
export const per_minute = (value) => (value === null || value === undefined ? null : value * 60);
