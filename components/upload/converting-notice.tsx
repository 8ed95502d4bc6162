import { useTranslations } from 'next-intl'
import { Button } from '@/components/ui/button'
import { Progress } from '@/components/ui/progress'
import { SelectedFile } from './selected-file'

/** A HEIC photo while the browser makes a JPEG of it, before the editor can show it. */
export function ConvertingNotice({ file, onCancel }: { file: File; onCancel: () => void }) {
  const translate = useTranslations('upload.transfer')
  const text = translate('converting')
  return (
    <SelectedFile file={file}>
      <Progress label={translate('conversion', { name: file.name })} fraction={null} valueText={text} />
      <div className="flex flex-wrap items-center justify-between gap-2 text-sm">
        <p className="text-muted">{text}</p>
        <Button size="small" onClick={onCancel}>
          {translate('cancelConversion')}
        </Button>
      </div>
    </SelectedFile>
  )
}
