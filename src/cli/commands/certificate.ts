import { fold } from '../../client/import/vault-name.ts';
import { KeyholdError } from '../../contract/errors.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import { handOver } from '../certificate/hand-over.ts';
import { type CertificateFiles, importFiles } from '../certificate/import-files.ts';
import { certificateText, KEY_SPECS, keySpecOption, validityWords } from '../certificate/words.ts';
import { type Define, leaf } from '../command.ts';
import { readFile } from '../read-file.ts';
import { table } from '../table.ts';

interface CreateOptions {
  keySpec?: ReturnType<typeof keySpecOption>;
  subject?: string;
  out?: string;
}

/** `keyhold certificate create | csr | install | import | list | show | rename | remove`. */
export const define: Define = (command, cli) => {
  leaf(command, 'create <name>', 'make a key pair in the HSM, and print the request for a certificate (PEM)', [
    'keyhold certificate create build > build.csr',
    'keyhold certificate create build --subject "CN=build,O=Example,C=DE" --key-spec EC_P384 --out build.csr',
  ])
    .option('--key-spec <spec>', `${KEY_SPECS.join(', ')} (default: EC_P256)`, keySpecOption)
    .option('--subject <name>', 'whose certificate it is, the most specific first (default: CN= and the name)')
    .option('-o, --out <file>', 'write the request to a file')
    .action(async (name: string, { keySpec, subject, out }: CreateOptions) => {
      const made = await cli.call('certificate.create', {
        name,
        ...(keySpec === undefined ? {} : { keySpec }),
        ...(subject === undefined ? {} : { subject }),
      });
      handOver(cli, made, out);
    });

  leaf(
    command,
    'csr <name>',
    'print the request once more: for the key that waits for its certificate, or to renew it',
    ['keyhold certificate csr build > build.csr'],
  )
    .option('-o, --out <file>', 'write the request to a file')
    .action(async (name: string, { out }: { out?: string }) => {
      handOver(cli, await cli.call('certificate.csr', { name }), out);
    });

  leaf(command, 'install <name> [file]', 'bring in what the CA issued, with the certificates above it (PEM)', [
    'keyhold certificate install build build.crt',
    'cat build.crt middle.crt | keyhold certificate install build -',
    'keyhold certificate install build   # try what AWS did not take before once more',
  ]).action(async (name: string, file: string | undefined) => {
    const pem = file === undefined ? {} : { pem: readFile(file === '-' ? 0 : file).toString('latin1') };
    const certificate = await cli.call('certificate.install', { name, ...pem });
    cli.print(certificate, () => certificateText(certificate, cli));
  });

  leaf(command, 'import <name>', 'take a private key and its certificate out of files (PEM) into the vault', [
    'keyhold certificate import build --certificate build.crt --private-key build.key',
  ])
    .requiredOption('--certificate <file>', 'the certificate, and those above it')
    .requiredOption('--private-key <file>', 'its private key, not encrypted (PKCS #8, PKCS #1 or SEC 1)')
    .option('--chain <file>', 'the certificates above it, where they are in a file of their own')
    .action(async (name: string, options: CertificateFiles) => {
      const certificate = await importFiles(cli, name, options);
      cli.print(certificate, () => certificateText(certificate, cli));
      cli.note(
        `${options.privateKey} still has the key: delete it there once nothing else needs it, or give the vault a key that was never in a file (keyhold rotate certificate ${quotedName(name)}).`,
      );
    });

  leaf(command, 'list', 'list certificates, and how long they are good for', ['keyhold certificate list']).action(
    async () => {
      const { certificates } = await cli.call('certificate.list', {});
      cli.print({ certificates }, () =>
        certificates.length === 0
          ? 'No certificates yet. Make one with keyhold certificate create, or bring one in with keyhold certificate import.\n'
          : table(
              [
                { title: 'Name' },
                { title: 'Subject' },
                { title: 'Key', fixed: true },
                { title: 'Valid' },
                { title: 'Rotation' },
                { title: 'Profiles' },
              ],
              certificates.map((one) => [
                one.name,
                one.subject,
                one.keySpec,
                validityWords(one, cli.now()),
                one.rotation?.state ?? '',
                one.profiles.join(', '),
              ]),
              { width: cli.width, header: cli.paint.dim },
            ),
      );
    },
  );

  leaf(command, 'show <name>', 'say what is known of a certificate', [
    'keyhold certificate show build',
    'keyhold certificate show build --pem > build.crt',
  ])
    .option('--pem', 'print the certificate and those above it')
    .action(async (name: string, { pem }: { pem?: boolean }) => {
      const { certificates } = await cli.call('certificate.list', {});
      const found = certificates.find((one) => fold(one.name) === fold(name));
      if (found === undefined) {
        throw new KeyholdError('NotFound', `There is no certificate called ${name}. See keyhold certificate list.`);
      }
      if (pem === true && found.issued === undefined) {
        throw new KeyholdError(
          'NotFound',
          `The certificate ${found.name} has not been issued yet. Its request: keyhold certificate csr ${quotedName(found.name)}.`,
        );
      }
      cli.print(found, () => (pem === true ? (found.issued?.pem ?? '') : certificateText(found, cli)));
    });

  leaf(command, 'rename <name> <new-name>', 'give a certificate another name', [
    'keyhold certificate rename build builder',
  ]).action(async (name: string, rename: string) => {
    const certificate = await cli.call('certificate.update', { name, rename });
    cli.print(certificate, () => `The certificate is called ${certificate.name} from now on.\n`);
  });

  leaf(command, 'remove <name>', 'remove a certificate and destroy its key', [
    'keyhold certificate remove old',
    'keyhold certificate remove old --cascade',
  ])
    .alias('rm')
    .option('--cascade', 'also remove the profiles that sign in with it, and their clients')
    .action(async (name: string, options: { cascade?: boolean }) => {
      await cli.call('certificate.remove', { name, ...(options.cascade === true ? { cascade: true } : {}) });
      cli.print(
        { removed: name },
        () => `Certificate ${name} removed and its key destroyed. It is good until your CA revokes it or it expires.\n`,
      );
    });
};
