// How long a piece of TypeScript is to its reader: lines that hold code. Imports, blank lines and comments are not counted, and
// neither is a docstring; how code is laid out is, since Prettier lays it out.
import ts from 'typescript';

/** Lines of a module that hold code, or those of one variable or function of it. Throws when it has none of that name. */
export function codeLines(code: string, name?: string): number {
  const file = ts.createSourceFile('module.ts', code, ts.ScriptTarget.Latest, true);
  const counted = file.statements.filter((own) => !ts.isImportDeclaration(own));
  const chosen = name === undefined ? counted : counted.filter((own) => declares(own, name));
  if (name !== undefined && chosen.length === 0) throw new Error(`the module declares no ${name}`);
  const lines = new Set<number>();
  const visit = (node: ts.Node): void => {
    // Only what has no parts is text of its own; a template may be several lines of it.
    if (node.getChildCount(file) > 0) return node.getChildren(file).forEach(visit);
    if (node.getWidth(file) === 0 || ts.isJSDoc(node)) return;
    const lineOf = (place: number): number => file.getLineAndCharacterOfPosition(place).line;
    for (let line = lineOf(node.getStart(file)); line <= lineOf(node.getEnd()); line++) lines.add(line);
  };
  chosen.forEach(visit);
  return lines.size;
}

function declares(statement: ts.Statement, name: string): boolean {
  if (ts.isFunctionDeclaration(statement)) return statement.name?.text === name;
  if (!ts.isVariableStatement(statement)) return false;
  return statement.declarationList.declarations.some((own) => ts.isIdentifier(own.name) && own.name.text === name);
}
