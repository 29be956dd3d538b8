import { wholeNumber } from '../arguments.ts';
import { type Define, withExamples } from '../command.ts';

const FAILED_START_MS = 2000;

export const define: Define = (command) => {
  withExamples(command, ['keyhold serve', 'keyhold serve --open', 'keyhold serve --port 4600'])
    .addHelpText(
      'after',
      '\nPrints one JSON line when it is ready, {"endpoint":…,"ui":…,"pid":…}, and runs until Ctrl-C,\nSIGTERM or keyhold stop.',
    )
    .option(
      '--port <number>',
      'the door’s port: this one or none (default: the last one, or 4587)',
      wholeNumber('--port', 0, 65535),
    )
    .option('--open', 'open the window in the browser')
    .action(async (options: { port?: number; open?: boolean }) => {
      const { serve } = await import('../../daemon/main.ts');
      const code = await serve(options).catch((error: unknown) => {
        // Time to tell what went wrong; whatever could not be stopped goes with the process then.
        setTimeout(() => process.exit(), FAILED_START_MS).unref();
        throw error;
      });
      // Nothing may hold the process: idle keep-alive connections of a client, for one.
      process.exit(code);
    });
};
