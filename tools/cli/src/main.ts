// The entry of the `espalier` command.
import 'reflect-metadata';
import { runCli } from './cli.js';
import { watchStreams } from './terminal/closed-pipes.js';

watchStreams([process.stdout, process.stderr]); // also what is said after the end
process.exitCode = await runCli(process.argv.slice(2));
