import { type AccessKey, Name } from '../../../contract/schemas.ts';
import { useChange } from '../../api/queries.ts';
import { formatTags, parseTags, tagsError } from '../../lib/tags.ts';
import { matches, useForm } from '../../lib/use-form.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { TextField } from '../../ui/field.tsx';

/** Name, tags and note of an access key. The secret is not among what can be changed. */
export function EditKeyDialog({ keyRecord: key, onClose }: { keyRecord: AccessKey; onClose: () => void }) {
  const change = useChange('key.update', 'keys', 'profiles');
  const form = useForm(
    { name: key.name, tags: formatTags(key.tags), note: key.note },
    {
      name: matches(Name),
      tags: tagsError,
      note: (value) => (value.length > 4000 ? 'A note has at most 4,000 characters.' : null),
    },
  );
  const save = () => {
    if (!form.validate()) return;
    const tags = parseTags(form.values.tags);
    if ('error' in tags) return;
    const { name, note } = form.values;
    change.mutate(
      { name: key.name, ...(name === key.name ? {} : { rename: name }), tags: tags.tags, note },
      { onSuccess: onClose },
    );
  };
  return (
    <Dialog title="Edit access key" isOpen onClose={onClose}>
      <DialogForm send="Save" isSending={change.isPending} error={change.error} onSend={save} onCancel={onClose}>
        <TextField label="Name" autoFocus {...form.field('name')} />
        <TextField
          label="Tags"
          optional
          hint="Pairs between commas, like team=payments, tier=1"
          {...form.field('tags')}
        />
        <TextField label="Note" optional multiline {...form.field('note')} />
      </DialogForm>
    </Dialog>
  );
}
