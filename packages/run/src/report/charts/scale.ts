// Scales of charts: from values to places, and where the ticks stand.

export interface Scale {
  /** Place of a value. */
  (value: number): number;
  readonly ticks: readonly number[];
}

type Range = readonly [number, number];

/** The smallest and the largest of the values, and of `beside`; infinite where there are none. */
export function extent(values: readonly number[], beside: readonly number[] = []): Range {
  let [low, high] = [Infinity, -Infinity];
  for (const list of [values, beside]) {
    for (const value of list) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return [low, high];
}

/** A linear scale whose ticks are round numbers, at most about `count` of them. */
export function linear([low, high]: Range, [from, to]: Range, count = 4): Scale {
  const span = high > low ? high - low : Math.max(Math.abs(high), 1e-9);
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((own) => own * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const ticks = Array.from(
    { length: Math.floor((low + span) / step + 1e-9) - first + 1 },
    (_, i) => (first + i) * step,
  );
  return Object.assign((value: number) => from + ((value - low) / span) * (to - from), {
    ticks: ticks.map((tick) => Number(tick.toPrecision(12))),
  });
}

/** A logarithmic scale with ticks at 1, 2 and 5 times powers of ten. Values are above 0; what is not lies at the lower end. */
export function logarithmic([least, high]: Range, [from, to]: Range): Scale {
  const low = least > 0 ? least : Number.MIN_VALUE;
  const [a, b] = [Math.log(low), Math.log(high > low ? high : low * 1.01)];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const own of [1, 2, 5]) {
      const tick = Number((own * 10 ** power).toPrecision(12));
      if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
    }
  }
  return Object.assign((value: number) => from + ((Math.log(Math.max(low, value)) - a) / (b - a)) * (to - from), {
    ticks: ticks.length > 6 ? ticks.filter((tick) => /^[^1-9]*10*$|^0\.0*1$/.test(String(tick))) : ticks,
  });
}
