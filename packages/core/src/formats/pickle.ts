// Pickle checkpoints can run code when they are loaded, so they are never read: they are recognised by name or first bytes
// and refused with the command that converts them.
import { resolve } from 'node:path';

/** Whether a file name is one that PyTorch checkpoints in pickle form go by. */
export function isPickleName(name: string): boolean {
  return /\.(bin|pt|pth|ckpt|pkl|pickle)$/i.test(name);
}

/**
 * Whether a file starts like a pickle (protocol 2 to 5) or like the zip archive that PyTorch wraps one in. A safetensors
 * header of some lengths starts so too: ask only about a file that cannot be one.
 */
export function looksLikePickle(start: Uint8Array): boolean {
  const [first = 0, second = 0] = start;
  return (first === 0x50 && second === 0x4b) || (first === 0x80 && second >= 2 && second <= 5);
}

/** The sentence that ends the refusal of pickle files: how to convert the folder they lie in. */
export function conversionCommand(folder: string): string {
  const source = resolve(folder);
  const script = [
    'import sys',
    'from transformers import AutoModelForCausalLM as M, AutoTokenizer as T',
    'a, b = sys.argv[1:]',
    "M.from_pretrained(a, torch_dtype='auto').save_pretrained(b)",
    'T.from_pretrained(a).save_pretrained(b)',
  ].join('; ');
  return (
    `Convert the model once, if you trust its source (reading a pickle can run code), with ` +
    `\`python -c "${script}" ${shellQuote(source)} ${shellQuote(`${source}-safetensors`)}\`, and give the new folder instead`
  );
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
