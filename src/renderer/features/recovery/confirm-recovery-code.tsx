import { useState } from 'react';
import { Form } from 'react-aria-components';
import { chooseGroups, groupMatches, recoveryGroups } from '../../lib/recovery-code.ts';
import { useForm } from '../../lib/use-form.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';

/** Asks for two groups of the code, so that it is really stored somewhere. */
export function ConfirmRecoveryCode({
  code,
  onBack,
  onDone,
}: {
  code: string;
  onBack: () => void;
  onDone: () => void;
}) {
  const groups = recoveryGroups(code);
  const [[first, second]] = useState(() => chooseGroups(groups.length, Math.random));
  const check = (index: number) => (value: string) =>
    groupMatches(value, groups[index]) ? null : `This is not group ${index + 1} of the code. Look at your copy again.`;
  const form = useForm({ first: '', second: '' }, { first: check(first), second: check(second) });
  return (
    <Form
      onSubmit={(event) => {
        event.preventDefault();
        if (form.validate()) onDone();
      }}
      className="flex flex-col gap-4"
    >
      <TextField label={`Group ${first + 1}`} mono autoFocus {...form.field('first')} />
      <TextField label={`Group ${second + 1}`} mono {...form.field('second')} />
      <div className="flex gap-2">
        <Button type="submit" variant="primary" className="flex-1">
          Confirm
        </Button>
        <Button onPress={onBack}>Show the code again</Button>
      </div>
    </Form>
  );
}
