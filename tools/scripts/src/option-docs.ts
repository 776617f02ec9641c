// What the code says about a strategy's options: the doc comments of the fields that its factory takes, wherever these are
// declared.
import path from 'node:path';
import ts from 'typescript';

/** The doc comments of options by their names, for a file. */
export type OptionDocs = (file: string) => ReadonlyMap<string, string>;

/** Reads files of the repository at `root`, and all that they import, once. */
export function optionDocs(root: string, files: readonly string[]): OptionDocs {
  const config = ts.readConfigFile(path.join(root, 'tsconfig.base.json'), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const names = files.map((file) => path.join(root, file));
  return optionDocsOf(ts.createProgram(names, { ...options, composite: false, noEmit: true }), root);
}

/** The same of a program that is there. Only exported functions of one parameter count: those are factories. */
export function optionDocsOf(program: ts.Program, root: string): OptionDocs {
  const checker = program.getTypeChecker();
  return (file) => {
    const source = program.getSourceFile(path.join(root, file));
    const symbol = source && checker.getSymbolAtLocation(source);
    const exported = symbol === undefined ? [] : checker.getExportsOfModule(symbol);
    const docs = new Map<string, string>();
    for (const { valueDeclaration } of exported) {
      if (valueDeclaration === undefined || !ts.isFunctionDeclaration(valueDeclaration)) continue;
      const [parameter, another] = valueDeclaration.parameters;
      if (parameter === undefined || another !== undefined) continue;
      for (const option of checker.getPropertiesOfType(checker.getTypeAtLocation(parameter))) {
        const text = ts.displayPartsToString(option.getDocumentationComment(checker));
        if (text !== '' && !docs.has(option.name)) docs.set(option.name, text);
      }
    }
    return docs;
  };
}
