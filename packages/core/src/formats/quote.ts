// How a name that came from outside (a tensor, a file, a JSON key) is shown in a message: on one line and short.

/** The text in double quotes, control characters escaped, cut to 80 characters. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}
