// What the results of tests depend on besides files: Node, the platform, and whether a software GPU is here (see vitest.config.ts).
import { existsSync } from 'node:fs';

const gpu = existsSync('/usr/lib/chromium/vk_swiftshader_icd.json');
process.stdout.write(
  `${[process.version, process.platform, process.arch, gpu ? 'swiftshader' : 'no gpu'].join(' ')}\n`,
);
