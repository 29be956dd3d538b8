import { linkNotice, openInBrowser } from '../../daemon/open-browser.ts';
import { type Define, withExamples } from '../command.ts';

export const define: Define = (command, cli) => {
  withExamples(command, ['keyhold open', 'keyhold open --print'])
    .option('--print', 'print the one-time address instead of opening it')
    .action(async (options: { print?: boolean }) => {
      const wanted = options.print !== true && !cli.json;
      const { url, file } = await cli.call('ui.open', { file: wanted });
      const opened = file !== undefined && (await openInBrowser(file));
      cli.print({ ui: url }, () => (wanted ? linkNotice(url, opened) : `${url}\n`));
    });
};
