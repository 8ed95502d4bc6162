import { useTranslations } from 'next-intl'
import { type FormEvent, useId, useState } from 'react'
import { usePageLock } from '@/components/layout/use-page-lock'
import { Button } from '@/components/ui/button'
import { api } from '@/lib/browser/api-client'
import type { SavedImage } from '@/lib/images/schema'
import { RequestFailure } from './request-failure'
import { useRequest } from './use-request'

interface DescriptionFieldProps {
  image: SavedImage
  name: string
  onDescribed: (alt: string) => void
}

/** Characters; see AltText in the schema. */
const maxLength = 200

/** How many characters are left when the field begins to say so. */
const nearlyFull = 40

/** Edits an image's alt text. A failed save keeps the text. */
export function DescriptionField({ image, name, onDescribed }: DescriptionFieldProps) {
  const translate = useTranslations('gallery')
  const id = useId()
  /** What was typed, or null. A refresh can bring another text until then. */
  const [typed, setTyped] = useState<string | null>(null)
  const { busy, failed, run } = useRequest<'save'>()
  const text = typed ?? image.alt
  const alt = text.replace(/\s+/g, ' ').trim()
  const isChanged = alt !== image.alt
  const left = maxLength - text.length
  usePageLock(isChanged)

  function save(event?: FormEvent) {
    event?.preventDefault()
    if (isChanged)
      run(
        'save',
        () => api.describeImage({ imageId: image.imageId, alt }),
        () => onDescribed(alt),
      )
  }

  return (
    <form onSubmit={save} className="w-full max-w-md">
      <div className="flex flex-wrap items-baseline gap-x-2 text-sm">
        <label htmlFor={id} className="font-medium">
          {translate('describe')}
        </label>
        <span id={`${id}-hint`} className="text-muted text-xs">
          {left <= nearlyFull ? translate('describeLeft', { left }) : translate('describeHint')}
        </span>
      </div>
      <div className="mt-1 flex flex-wrap gap-2">
        <input
          id={id}
          type="text"
          autoComplete="off"
          maxLength={maxLength}
          value={text}
          placeholder={translate('describePlaceholder')}
          aria-label={translate('describeNamed', { name })}
          aria-describedby={`${id}-hint`}
          onChange={(event) => setTyped(event.target.value)}
          className="min-h-11 min-w-0 grow basis-48 rounded-control border border-control bg-surface px-3 text-base placeholder:text-muted"
        />
        {/* It stays after the save, so that the focus is not lost. */}
        {typed !== null && (
          <Button type="submit" look={isChanged ? 'primary' : 'quiet'} busy={busy !== null}>
            {translate(isChanged || busy ? 'describeSave' : 'describeSaved')}
          </Button>
        )}
      </div>
      {/* Here, because a modal dialog silences the rest of the page. */}
      <p role="status" className="sr-only">
        <span>{typed !== null && !isChanged && !busy ? translate('described') : ''}</span>
      </p>
      {failed && (
        <div className="mt-3">
          <RequestFailure failed={failed} busy={busy !== null} />
        </div>
      )}
    </form>
  )
}
