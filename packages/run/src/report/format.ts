// Numbers as people read them.

const units = [
  { size: 1e12, name: 'T' },
  { size: 1e9, name: 'B' },
  { size: 1e6, name: 'M' },
  { size: 1e3, name: 'k' },
];

/** Three significant digits with a unit: 1.25M, 614k, 987. */
export function formatCount(value: number): string {
  // 999,950 would round to 1000k: the next unit begins a little below its size.
  const unit = units.find(({ size }) => Math.abs(value) >= size * 0.9995);
  if (unit === undefined) return String(Math.round(value));
  const scaled = value / unit.size;
  return `${scaled.toFixed(Math.abs(scaled) >= 99.95 ? 0 : Math.abs(scaled) >= 9.995 ? 1 : 2)}${unit.name}`;
}

const [DAY, YEAR] = [86_400, 31_557_600];

/** Seconds as 4.2 s, 1 min 05 s, 2 h 10 min, 12 days, 23k years. */
export function formatDuration(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  if (seconds >= 2 * YEAR) return `${formatCount(seconds / YEAR)} years`;
  if (seconds >= 4 * DAY) return `${Math.round(seconds / DAY)} days`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** A whole number with thousands separated: 1,250,304. */
export function formatInteger(value: number): string {
  return Math.round(value).toLocaleString('en-GB');
}

/** 74.3%, or with fewer digits. */
export function formatPercent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)}%`;
}

/** Bytes with a unit of 1000: 1.25 GB, 812 MB. */
export function formatBytes(bytes: number): string {
  if (bytes >= 999.5e9) return `${(bytes / 1e12).toFixed(bytes >= 9.995e12 ? 1 : 2)} TB`;
  if (bytes >= 999.5e6) return `${(bytes / 1e9).toFixed(bytes >= 99.95e9 ? 0 : bytes >= 9.995e9 ? 1 : 2)} GB`;
  if (bytes >= 999.5e3) return `${Math.round(bytes / 1e6)} MB`;
  return bytes >= 1000 ? `${Math.round(bytes / 1e3)} kB` : `${Math.round(bytes)} B`;
}

/** A moment of ISO 8601 as 28 November 2026, 01:54 UTC; as it is where it is none. */
export function formatMoment(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const day = time.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
  return `${day}, ${time.toISOString().slice(11, 16)} UTC`;
}
