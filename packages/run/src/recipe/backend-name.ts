// `tfjs:wasm`: how a flag or a recipe names a backend and one of its devices.
import type { NamedStrategy } from '../steps/named-strategy.js';

/** `NAME` or `NAME:DEVICE` as a strategy with its options. */
export function backendOf(asked: string, threads?: number): NamedStrategy {
  const [name = '', ...rest] = asked.split(':');
  return {
    name,
    ...(rest.length > 0 && { device: rest.join(':') }),
    ...(threads !== undefined && { threads }),
  };
}
