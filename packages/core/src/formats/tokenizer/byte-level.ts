// Bytes as printable characters (Radford et al. 2019): every text is spelled with 256 of them.

function printable(byte: number): boolean {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}

/** The character of each byte: its own code where that can be printed, else one from U+0100 on. */
const characters: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  if (printable(byte)) return String.fromCharCode(byte);
  const before = Array.from({ length: byte }, (_own, other) => other).filter((other) => !printable(other));
  return String.fromCharCode(256 + before.length);
});
const bytes: ReadonlyMap<string, number> = new Map(characters.map((character, byte) => [character, byte]));
const encoder = new TextEncoder();

/** UTF-8 bytes of a text, each as its character. */
export function toByteCharacters(text: string): string {
  return Array.from(encoder.encode(text), (byte) => characters[byte]).join('');
}

/** The bytes that a token stands for; its own UTF-8 where it holds other characters. */
export function fromByteCharacters(token: string): Uint8Array {
  const own = Array.from(token, (character) => bytes.get(character));
  const known = own.filter((byte) => byte !== undefined);
  return known.length === own.length ? Uint8Array.from(known) : encoder.encode(token);
}
