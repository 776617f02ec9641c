// Builds the native addon of @tensorflow/tfjs-node where the C library that its install script downloads cannot be reached: the Python
// wheel of TensorFlow carries the same library and its headers. README.md beside this file says what it needs.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const ADDON = '4.22.0';
/** The nearest to 2.9.1, for which the addon was written, whose wheel has the library in a file of its own and passes our suite. */
const WHEEL = '2.12.1';

if (process.platform !== 'linux' || process.arch !== 'x64') {
  throw new Error(`the wheel that is taken is for Linux on x64; this is ${process.platform} on ${process.arch}`);
}
const root = path.resolve(import.meta.dirname, '../..');
const run = (command, args, options = {}) => execFileSync(command, args, { cwd: root, stdio: 'inherit', ...options });

// Without its install script, which would download; package.json and the lock file stay as they are.
run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', `@tensorflow/tfjs-node@${ADDON}`]);

const addon = path.dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-node/package.json'));
const deps = path.join(addon, 'deps');
const [wheel, library] = [path.join(deps, 'wheel'), path.join(deps, 'lib')];
rmSync(deps, { recursive: true, force: true });
mkdirSync(library, { recursive: true });

// The wheel is unpacked and never imported, so it need not be one for the Python that is here.
const platform = ['--python-version', '3.11', '--platform', 'manylinux2014_x86_64', '--only-binary', ':all:'];
const target = ['--no-deps', '--no-compile', '--target', wheel];
run('python3', ['-m', 'pip', 'install', '--quiet', ...platform, ...target, `tensorflow-cpu==${WHEEL}`]);
renameSync(path.join(wheel, 'tensorflow/include'), path.join(deps, 'include'));
for (const [wanted, file] of [
  ['libtensorflow.so', 'libtensorflow_cc.so.2'],
  ['libtensorflow_framework.so', 'libtensorflow_framework.so.2'],
]) {
  renameSync(path.join(wheel, 'tensorflow', file), path.join(library, file));
  symlinkSync(file, path.join(library, wanted)); // the linker's name for it
}
rmSync(wheel, { recursive: true });

// With the headers that this Node came with, where it did: node-gyp would download them.
const nodeRoot = path.dirname(path.dirname(process.execPath));
const headers = existsSync(path.join(nodeRoot, 'include/node/node_api.h')) ? { npm_config_nodedir: nodeRoot } : {};
run('npm', ['run', 'build-addon-from-source'], { cwd: addon, env: { ...process.env, ...headers } });
