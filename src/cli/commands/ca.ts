import { writeFileSync } from 'node:fs';
import { type Define, leaf } from '../command.ts';

export const define: Define = (command, cli) => {
  leaf(command, 'export', 'print the local CA’s certificate (PEM)', [
    'keyhold ca export > keyhold-ca.pem',
    'keyhold ca export --out keyhold-ca.pem',
  ])
    .option('-o, --out <file>', 'write it to a file')
    .action(async (options: { out?: string }) => {
      const { pem, notAfter } = await cli.call('ca.export', {});
      if (options.out !== undefined) {
        writeFileSync(options.out, pem, { mode: 0o644 });
        cli.print({ path: options.out, notAfter }, () => `Written to ${options.out ?? ''}, valid until ${notAfter}.\n`);
        return;
      }
      cli.print({ pem, notAfter }, () => (pem.endsWith('\n') ? pem : `${pem}\n`));
    });
};
