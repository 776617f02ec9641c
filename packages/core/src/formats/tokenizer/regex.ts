// Regular expressions of tokenizer.json are written for Oniguruma (Ruby's syntax); here they become JavaScript's, with the flag `v`.
// What neither can mean the same is refused. Their time is bounded elsewhere: see deadline.ts.

/** A pattern has at most so many characters; the longest of a known model has about 600. */
const MOST_CHARACTERS = 10_000;

const WORD = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}`;
const HEX = '0-9A-Fa-f';

/** What stands for an escaped letter within a class; a capital one is its complement. */
const sets: ReadonlyMap<string, string> = new Map([
  ['s', String.raw`\p{White_Space}`],
  ['d', String.raw`\p{Nd}`],
  ['w', WORD],
  ['h', HEX],
]);
const controls: ReadonlyMap<string, string> = new Map([
  ['n', String.raw`\n`],
  ['r', String.raw`\r`],
  ['t', String.raw`\t`],
  ['f', String.raw`\f`],
  ['v', String.raw`\v`],
  ['a', String.raw`\x07`],
  ['e', String.raw`\x1B`],
]);
const anchors: ReadonlyMap<string, string> = new Map([
  ['A', String.raw`(?<![\s\S])`],
  ['z', String.raw`(?![\s\S])`],
  ['Z', String.raw`(?=\n?(?![\s\S]))`],
  ['b', `(?:(?<![${WORD}])(?=[${WORD}])|(?<=[${WORD}])(?![${WORD}]))`],
  ['B', `(?:(?<![${WORD}])(?![${WORD}])|(?<=[${WORD}])(?=[${WORD}]))`],
]);
const posix: ReadonlyMap<string, string> = new Map([
  ['alpha', String.raw`\p{Alphabetic}`],
  ['alnum', String.raw`\p{Alphabetic}\p{Nd}`],
  ['digit', String.raw`\p{Nd}`],
  ['lower', String.raw`\p{Lowercase}`],
  ['upper', String.raw`\p{Uppercase}`],
  ['space', String.raw`\p{White_Space}`],
  ['blank', String.raw`\t\p{Zs}`],
  ['punct', String.raw`\p{P}\p{S}`],
  ['cntrl', String.raw`\p{Cc}`],
  ['xdigit', HEX],
  ['word', WORD],
]);

/** Characters that differ in more than ASCII case from a letter they equal where case is ignored. */
const foldsTo: ReadonlyMap<string, readonly string[]> = new Map([
  ['s', ['\u017f']],
  ['k', ['\u212a']],
]);

/** Compiles a pattern of tokenizer.json. Throws `SyntaxError` for what cannot be carried over. */
export function compilePattern(source: string): RegExp {
  if (source.length > MOST_CHARACTERS) throw new SyntaxError(`a pattern of ${source.length} characters`);
  return new RegExp(new Translator(source).all(), 'gv');
}

/** One pass over a pattern; keeps where it is and whether case counts. */
class Translator {
  #at = 0;
  #ignoreCase = false;
  #possessive = 0;

  constructor(private readonly source: string) {}

  all(): string {
    const result = this.#alternatives();
    if (this.#at < this.source.length) throw new SyntaxError(`unmatched ")" at ${this.#at}`);
    return result;
  }

  /** Up to the end of the pattern or of the group. */
  #alternatives(): string {
    const before = this.#ignoreCase;
    const atoms: string[] = [];
    while (this.#at < this.source.length && this.source[this.#at] !== ')') {
      const quantifier = this.#quantifier();
      const atom = atoms.pop();
      if (quantifier === undefined) {
        if (atom !== undefined) atoms.push(atom);
        atoms.push(this.#atom());
      } else if (atom === undefined || atom === '|') {
        throw new SyntaxError(`nothing to repeat at ${this.#at}`);
      } else if (quantifier.possessive) {
        // What was taken is never given back: a look ahead that is then matched again by its name.
        const name = `possessive${this.#possessive++}`;
        atoms.push(`(?=(?<${name}>${atom}${quantifier.text}))\\k<${name}>`);
      } else {
        atoms.push(`(?:${atom})${quantifier.text}`);
      }
    }
    this.#ignoreCase = before;
    return atoms.join('');
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    const sticky = new RegExp(pattern, 'yu');
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.source);
    if (found === null) return undefined;
    this.#at = sticky.lastIndex;
    return found;
  }

  #quantifier(): { readonly text: string; readonly possessive: boolean } | undefined {
    const simple = this.#match(/([?*+])([?+]?)/);
    if (simple !== undefined) {
      const [, sign = '', mode = ''] = simple;
      return { text: mode === '+' ? sign : sign + mode, possessive: mode === '+' };
    }
    const counted = this.#match(/\{(?:(\d{1,4})(,(\d{0,4}))?|,(\d{1,4}))\}(\??)/);
    if (counted === undefined) return undefined;
    const [, from = '0', range, to = '', upTo, lazy = ''] = counted;
    const bounds = upTo === undefined ? (range === undefined ? from : `${from},${to}`) : `0,${upTo}`;
    return { text: `{${bounds}}${lazy}`, possessive: false };
  }

  #atom(): string {
    const group = this.#match(/\((?:\?(?:([:=!]|<[=!])|(i|-i)(:|\))))?/);
    if (group !== undefined) return this.#group(group);
    const character = this.#character();
    if (character === '|') return '|';
    if (character === '.') return String.raw`[^\n]`;
    if (character === '^') return String.raw`(?<![^\n])`;
    if (character === '$') return String.raw`(?![^\n])`;
    if (character === '[') return this.#class();
    if (character !== '\\') return this.#literal(character);
    const next = this.#character();
    const anchor = anchors.get(next);
    if (anchor !== undefined) return anchor;
    return /[A-Za-z0-9]/.test(next) ? `[${this.#escape(next)}]` : this.#literal(next);
  }

  #group([text, look, flag, end]: RegExpExecArray): string {
    if (text === '(' && this.source[this.#at] === '?') throw new SyntaxError(`unknown kind of group at ${this.#at}`);
    const before = this.#ignoreCase;
    if (flag !== undefined) this.#ignoreCase = flag === 'i';
    if (flag !== undefined && end === ')') return ''; // holds to the end of the group that it stands in
    const inside = this.#alternatives();
    this.#ignoreCase = before;
    if (this.source[this.#at] !== ')') throw new SyntaxError('a group without end');
    this.#at += 1;
    return `(?${look ?? ':'}${inside})`;
  }

  #character(): string {
    const point = this.source.codePointAt(this.#at);
    if (point === undefined) throw new SyntaxError('the pattern ends too early');
    const character = String.fromCodePoint(point);
    this.#at += character.length;
    return character;
  }

  /** One character outside of a class; classes of one where case is ignored. */
  #literal(character: string): string {
    if (!this.#ignoreCase || !/^\p{L}$/u.test(character)) return character.replace(/[\^$\\.*+?()[\]{}|/]/, '\\$&');
    return `[${this.#cases(character)}]`;
  }

  #cases(character: string): string {
    const [lower, upper] = [character.toLowerCase(), character.toUpperCase()];
    return [...new Set([character, lower, upper, ...(foldsTo.get(lower) ?? [])])].map(literal).join('');
  }

  /** What follows a backslash, as it stands within a class. */
  #escape(next: string): string {
    const control = controls.get(next);
    if (control !== undefined) return control;
    const set = sets.get(next);
    if (set !== undefined) return set;
    const complement = sets.get(next.toLowerCase());
    if (complement !== undefined) return `[^${complement}]`;
    if (next === 'p' || next === 'P') {
      const found = this.#match(/\{(\^?)([A-Za-z_]{1,64})\}/);
      if (found === undefined) throw new SyntaxError(`a property without name at ${this.#at}`);
      const [, not = '', name = ''] = found;
      return property(name, (next === 'P') !== (not === '^'));
    }
    const hex = next === 'x' ? this.#match(/\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2})/) : undefined;
    const unicode = next === 'u' ? this.#match(/([0-9A-Fa-f]{4})/) : undefined;
    const digits = hex?.[1] ?? hex?.[2] ?? unicode?.[1];
    if (digits !== undefined) return `\\u{${digits}}`;
    if (/[A-Za-z0-9]/.test(next)) throw new SyntaxError(`unknown escape \\${next}`);
    return literal(next);
  }

  /** A class, from behind its opening bracket; unions, complements and intersections may nest. */
  #class(): string {
    const not = this.#match(/\^/) === undefined ? '' : '^';
    const operands: string[] = [];
    let parts = '';
    for (let first = true; ; first = false) {
      const named = this.#match(/\[:(\^?)([a-z]{1,8}):\]/);
      if (named !== undefined) {
        const [text, complement, name = ''] = named;
        const set = posix.get(name);
        if (set === undefined) throw new SyntaxError(`unknown class ${text}`);
        parts += complement === '^' ? `[^${set}]` : set;
        continue;
      }
      if (this.#match(/&&/) !== undefined) {
        operands.push(parts);
        parts = '';
        continue;
      }
      const character = this.#character();
      if (character === ']' && !first) break;
      parts += character === '[' ? this.#class() : this.#member(character);
    }
    operands.push(parts);
    if (operands.some((own) => own === '')) throw new SyntaxError('an empty class');
    return operands.length === 1 ? `[${not}${parts}]` : `[${not}${operands.map((own) => `[${own}]`).join('&&')}]`;
  }

  /** One character, set or range of a class. */
  #member(character: string): string {
    const own = character === '\\' ? this.#escape(this.#character()) : literal(character);
    const single = !/^(?:\\[pP]|\[|0-9)/.test(own);
    const ranged = this.#match(/-(?=[^\]\[])/);
    if (ranged === undefined) return this.#ignoreCase && /^\p{L}$/u.test(own) ? this.#cases(own) : own;
    const next = this.#character();
    const end = next === '\\' ? this.#escape(this.#character()) : literal(next);
    if (!single) return String.raw`${own}\-${end}`; // no range: a set, a dash, the next
    const range = `${own}-${end}`;
    if (!this.#ignoreCase || !/^[a-z]-[a-z]$|^[A-Z]-[A-Z]$/.test(range)) return range;
    return `${range.toLowerCase()}${range.toUpperCase()}`;
  }
}

/** A character as it stands within a class. */
function literal(character: string): string {
  return /^[\^$\\.*+?()[\]{}|/\-&!#%,:;<=>@`~]$/.test(character) ? `\\${character}` : character;
}

/** A general category or property, else a script, as JavaScript spells it. */
function property(name: string, not: boolean): string {
  const sign = not ? 'P' : 'p';
  for (const own of [name, `Script=${name}`]) {
    const spelled = `\\${sign}{${own}}`;
    try {
      new RegExp(spelled, 'v');
      return spelled;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  throw new SyntaxError(`unknown property ${name}`);
}
