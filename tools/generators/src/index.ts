// What is generated, as files by path: shared by the Nx generators of this repository and by `espalier new`.
export { camelCase, nameProblem } from './names.js';
export { generateStrategy, kinds, type Generated, type Kind } from './templates/kinds.js';
export { packageFiles, type PackageOptions } from './templates/package.js';
