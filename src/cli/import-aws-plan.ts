import type { FoundAws, FoundProfile, Leftover } from '../client/import/aws-files.ts';
import type { ImportPlan } from '../client/import/plan.ts';
import { ROLE_ARN } from '../contract/roles.ts';
import type { Cli } from './cli.ts';
import { table } from './table.ts';

type Left = Leftover & { profile: string };

/** A row a profile, and then everything that is not taken over, with its line. */
export function planText(cli: Cli, found: FoundAws, plan: ImportPlan): string {
  const rows = found.profiles.map((profile) => [
    profile.name,
    profile.key?.accessKeyId ?? '',
    profile.region ?? '',
    `${profile.place.file}:${profile.key?.place.line ?? profile.place.line}`,
    planOf(profile, plan),
  ]);
  const text = table(
    [
      { title: 'Profile' },
      { title: 'Access key id', fixed: true },
      { title: 'Region' },
      { title: 'Where' },
      { title: 'Plan' },
    ],
    rows,
    { width: cli.width, header: cli.paint.dim },
  );
  // On a terminal the table is cut to fit.
  const skipped =
    cli.width === undefined
      ? []
      : plan.skipped.map((one) => `  ${one.file}:${one.line}  ${one.profile}: ${one.reason}\n`);
  const left = [
    ...leftovers(found, plan).map((one) => `  ${one.file}:${one.line}  ${one.profile}, ${one.what}: ${one.reason}\n`),
    ...found.otherSections.map((one) => `  ${one.file}:${one.line}  [${one.header}]: ${one.reason}\n`),
  ];
  return [
    text,
    ...(skipped.length === 0 ? [] : [`Not imported:\n${skipped.join('')}`]),
    ...(left.length === 0 ? [] : [`Left behind:\n${left.join('')}`]),
    '',
  ].join('\n');
}

function planOf(profile: FoundProfile, plan: ImportPlan): string {
  const skipped = plan.skipped.find((one) => one.profile === profile.name);
  if (skipped !== undefined) return `skip: ${skipped.reason}`;
  const planned = plan.profiles.find((one) => one.profile === profile.name);
  if (planned?.role !== undefined) {
    const account = ROLE_ARN.exec(planned.role.arn)?.[1] ?? '';
    const name = planned.role.arn.slice(planned.role.arn.lastIndexOf('/') + 1);
    const from = planned.origin?.kind === 'webIdentity' ? planned.origin.tokenFile : (planned.source ?? planned.key);
    return `import, as the role ${name} of ${account} from ${from ?? ''}`;
  }
  if (planned?.origin?.kind === 'process') return `import, with what ${planned.origin.command[0] ?? ''} prints`;
  if (planned?.origin?.kind === 'sso') {
    const { roleName, signIn } = planned.origin;
    return `import, as the role ${roleName} of ${planned.accountId ?? ''} by signing in to ${signIn}`;
  }
  return plan.keys.some((one) => one.key === profile.key) ? 'import' : 'import, with a key that is there';
}

/** In the order of the files. */
function leftovers(found: FoundAws, plan: ImportPlan): Left[] {
  const all = [
    ...found.profiles.flatMap(({ name, leftovers }) => leftovers.map((one) => ({ profile: name, ...one }))),
    ...plan.leftovers,
  ];
  return all.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file === 'credentials' ? -1 : 1));
}

export function planJson(found: FoundAws, plan: ImportPlan): Record<string, unknown> {
  return {
    keys: plan.keys.map((one) => ({ name: one.name, accessKeyId: one.key.accessKeyId })),
    profiles: plan.profiles,
    signIns: plan.signIns,
    skipped: plan.skipped,
    leftovers: leftovers(found, plan),
    otherSections: found.otherSections,
  };
}
