// Colours of a terminal: the sixteen that follow the user's theme, so that light and dark backgrounds both work.

export type Colour = 'plain' | 'bold' | 'dim' | 'green' | 'yellow' | 'cyan';

const codes: Readonly<Record<Exclude<Colour, 'plain'>, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

/** The text in a colour. */
export function paint(colour: Colour, text: string): string {
  if (colour === 'plain' || text === '') return text;
  const [on, off] = codes[colour];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}
