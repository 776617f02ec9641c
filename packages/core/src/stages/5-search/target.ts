// What a student should be, as a person writes it: a share, a number of parameters, or a shape. Whether a model can become
// that is left to the checks beside this file and to the search strategies.
import { InputError } from '../../errors.js';

/** The sizes that pruning can change. */
export type PrunableSize = 'hidden' | 'ffn' | 'heads' | 'kvHeads' | 'layers';

/** Some sizes of a student; the others stay as they are. */
export type TargetShape = Readonly<Partial<Record<PrunableSize, number>>>;

export type Target =
  /** Of all parameters, embeddings included; 0…1. */
  | { readonly kind: 'share'; readonly share: number }
  /** All parameters, embeddings included. */
  | { readonly kind: 'parameters'; readonly parameters: number }
  | { readonly kind: 'shape'; readonly shape: TargetShape };

const units = { '': 1, k: 1e3, m: 1e6, b: 1e9, g: 1e9, t: 1e12 } as const;

/** Own names, those of Hugging Face and those of Megatron, compared without case, `_` and `-`. */
const sizeNames: Readonly<Record<PrunableSize, readonly string[]>> = {
  hidden: ['hidden', 'hidden_size'],
  ffn: ['ffn', 'intermediate_size', 'ffn_hidden_size'],
  heads: ['heads', 'num_attention_heads'],
  kvHeads: ['kvHeads', 'num_key_value_heads', 'num_query_groups'],
  layers: ['layers', 'num_hidden_layers', 'num_layers'],
};

const bare = (name: string): string => name.toLowerCase().replace(/[_-]/g, '');

/**
 * Reads `50%`, `4B`, `130K`, `130016` or `hidden=48,ffn=96,layers=5` (own, Hugging Face's or Megatron's names). Throws
 * `InputError` for text that is none of these and for nothing or less.
 */
export function parseTarget(text: string): Target {
  const trimmed = text.trim();
  if (trimmed.includes('=')) return { kind: 'shape', shape: parseShape(trimmed) };
  const share = /^([+-]?\d+(?:\.\d+)?)\s*%$/.exec(trimmed)?.[1];
  if (share !== undefined) {
    if (Number(share) <= 0) throw refused(text, 'nothing would be left of the model', 'Give more than 0%');
    return { kind: 'share', share: Number(share) / 100 };
  }
  const [, digits, unit = ''] = /^([+-]?\d+(?:\.\d+)?)\s*([kmbgt]?)$/i.exec(trimmed) ?? [];
  if (digits === undefined || !isUnit(unit.toLowerCase())) throw unreadable(text);
  const exact = Number(digits) * units[unit.toLowerCase() as keyof typeof units];
  // 1.1M is 1100000.0000000001 in float64.
  const parameters = Math.round(exact);
  if (exact <= 0) throw refused(text, 'nothing would be left of the model', 'Give a positive number of parameters');
  if (Math.abs(parameters - exact) > 1e-6 * exact) {
    const fix = exact < 1 ? `For a share, write ${percentage(exact)}` : 'Give a whole number';
    throw refused(text, 'a model has a whole number of parameters', fix);
  }
  return { kind: 'parameters', parameters };
}

function isUnit(unit: string): unit is keyof typeof units {
  return unit in units;
}

function parseShape(text: string): TargetShape {
  const shape: Partial<Record<PrunableSize, number>> = {};
  for (const part of text.split(',')) {
    const [name = '', value = '', ...rest] = part.split('=').map((own) => own.trim());
    const size = sizeOf(name);
    if (size === undefined || rest.length > 0) {
      const known = Object.values(sizeNames).map((names) => names.join(' or '));
      throw refused(
        text,
        `"${part.trim()}" is not a size that pruning can change`,
        `Write ${known.join(', ')} = a number`,
      );
    }
    if (shape[size] !== undefined) throw refused(text, `${size} is given twice`, 'Give every size once');
    if (!/^\+?\d+$/.test(value) || Number(value) === 0) {
      throw refused(text, `${name} is "${value}"`, 'Give a positive whole number');
    }
    shape[size] = Number(value);
  }
  return shape;
}

function sizeOf(name: string): PrunableSize | undefined {
  const sizes: readonly PrunableSize[] = ['hidden', 'ffn', 'heads', 'kvHeads', 'layers'];
  return sizes.find((size) => sizeNames[size].some((known) => bare(known) === bare(name)));
}

/** `50% of the parameters`, `4,000,000,000 parameters`, `hidden 48, ffn 96`. */
export function describeTarget(target: Target): string {
  switch (target.kind) {
    case 'share':
      return `${percentage(target.share)} of the parameters`;
    case 'parameters':
      return `${grouped(target.parameters)} parameters`;
    case 'shape':
      return Object.entries(target.shape)
        .map(([size, value]) => `${size} ${value}`)
        .join(', ');
  }
}

function percentage(share: number): string {
  return `${Number((share * 100).toFixed(4))}%`;
}

/** `130,016`. */
export function grouped(count: number): string {
  return count.toLocaleString('en-GB');
}

function unreadable(text: string): InputError {
  const fix = 'Write a share (50%), a number of parameters (4B, 130K, 130016) or a shape (hidden=48,ffn=96)';
  return refused(text, 'it is none of the forms of a target', fix);
}

function refused(text: string, found: string, fix: string): InputError {
  return new InputError({ asked: `prune to "${text}"`, found, fix });
}
