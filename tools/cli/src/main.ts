// The entry of the `espalier` command.
import { endBy, runCli } from './cli.js';
import { watchStreams } from './terminal/closed-pipes.js';

watchStreams([process.stdout, process.stderr]); // also what is said after the end
process.once('uncaughtException', (error) => void endBy(error));
process.exitCode = await runCli(process.argv.slice(2));
