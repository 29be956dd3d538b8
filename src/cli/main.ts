import { report, run } from './run.ts';
import { watchStandardOutput } from './standard-output.ts';

const args = process.argv.slice(2);
watchStandardOutput((error) => process.exit(report(error, args)));
process.exitCode = await run(args);
