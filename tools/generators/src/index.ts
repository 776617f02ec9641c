// What is generated, as files by path: shared by the Nx generators of this repository and by `espalier new`.
export { camelCase, nameProblem } from './names.js';
export { kinds, type Kind } from './templates/kinds.js';
export { generateStrategy, type Generated } from './templates/strategy.js';
export { packageFiles, type PackageOptions } from './templates/package.js';
