import { CodeEditor } from '../../ui/code-editor.tsx';
import { RadioCards } from '../../ui/radio-cards.tsx';
import { readFaultPosition } from '../kms/policy-fault.ts';

/** What a policy for a tool usually begins as. */
const FIRST_POLICY = JSON.stringify(
  {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
        Resource: '*',
      },
    ],
  },
  null,
  2,
);

/** Who a client of a local account is: its root, or a principal with a policy of its own. */
export function PrincipalChoice({
  policy,
  error,
  onChange,
}: {
  /** Null: the root. */
  policy: string | null;
  error: string | null;
  onChange: (policy: string | null) => void;
}) {
  return (
    <>
      <RadioCards
        label="It acts as"
        columns={2}
        cards={[
          { id: 'root', title: 'The root of the account', text: 'May do all that key policies do not forbid.' },
          { id: 'policy', title: 'A principal of its own', text: 'May do what the policy below says, and no more.' },
        ]}
        value={policy === null ? 'root' : 'policy'}
        onChange={(id) => onChange(id === 'root' ? null : FIRST_POLICY)}
      />
      {policy !== null && (
        <CodeEditor
          label="Its policy"
          rows={10}
          value={policy}
          onChange={onChange}
          error={error}
          errorLine={error === null ? null : (readFaultPosition(error)?.line ?? null)}
          hint="An IAM policy. Key policies and grants can name the client too."
        />
      )}
    </>
  );
}
