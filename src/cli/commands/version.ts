import { type Define, withExamples } from '../command.ts';
import { facts } from '../table.ts';
import { VERSION } from '../version.ts';

export const define: Define = (command, cli) => {
  withExamples(command, ['keyhold version', 'keyhold version --json']).action(async () => {
    const daemon = (await cli.statusIfRunning())?.version ?? null;
    cli.print({ cli: VERSION, daemon, node: process.version }, () =>
      facts([
        ['keyhold', VERSION],
        ['daemon', daemon ?? 'not running'],
        ['node', process.version],
      ]),
    );
  });
};
