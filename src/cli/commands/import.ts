import { accountId } from '../arguments.ts';
import { type Define, leaf } from '../command.ts';
import { type ImportAwsOptions, importAws } from '../import-aws.ts';
import { type ImportCsvOptions, importCsv } from '../import-csv.ts';

export const define: Define = (command, cli) => {
  leaf(command, 'aws', 'import the profiles of ~/.aws/credentials and ~/.aws/config', [
    'keyhold import aws --dry-run',
    'keyhold import aws',
    'keyhold import aws --account prod --account-id 123456789012 --yes',
  ])
    .option('--dir <folder>', 'instead of ~/.aws')
    .option('--dry-run', 'only show what was found')
    .option('--account <name>', 'put every key into this account (made with --account-id if it is not there)')
    .option('--account-id <id>', 'the 12-digit account id of every key', accountId)
    .option('-y, --yes', 'do not ask; take account ids that the key ids spell')
    .option('--shred', 'afterwards overwrite and delete the credentials file')
    .action((options: ImportAwsOptions) => importAws(cli, options));

  leaf(command, 'csv <file>', 'import accessKeys.csv as the IAM console downloads it', [
    'keyhold import csv ~/Downloads/accessKeys.csv',
    'keyhold import csv ~/Downloads/deploy_accessKeys.csv --account prod --name deploy',
  ])
    .option('--account <name>', 'the account the keys belong to (default: the only one there is)')
    .option('--name <name>', 'what to call the key (default: its user name, or account and last characters)')
    .option('--dry-run', 'only show what was found')
    .action((file: string, options: ImportCsvOptions) => importCsv(cli, file, options));
};
