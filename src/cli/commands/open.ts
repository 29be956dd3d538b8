import { openBrowser } from '../../daemon/open-browser.ts';
import { type Define, withExamples } from '../command.ts';

export const define: Define = (command, cli) => {
  withExamples(command, ['keyhold open', 'keyhold open --print'])
    .option('--print', 'print the one-time address instead of opening it')
    .action(async (options: { print?: boolean }) => {
      const { url } = await cli.call('ui.open', {});
      const opened = options.print !== true && !cli.json && (await openBrowser(url));
      cli.print({ ui: url }, () => (opened ? 'Opened in your browser.\n' : `${url}\n`));
    });
};
