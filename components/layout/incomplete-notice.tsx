import { useTranslations } from 'next-intl'

/**
 * Shown where a script or style of the page could not be loaded, even after a reload (`lib/browser/reload-once`): then
 * what is pressed may do nothing. It works without any script.
 */
export function IncompleteNotice() {
  const translate = useTranslations('site.incomplete')
  return (
    <p
      role="alert"
      className="hidden border-danger/40 border-b bg-danger-soft px-4 py-3 text-center [html[data-incomplete]_&]:block"
    >
      {translate('text')}{' '}
      {/* biome-ignore lint/a11y/useValidAnchor: an empty address is this very one, with all that it holds */}
      <a href="" className="font-medium underline">
        {translate('reload')}
      </a>
    </p>
  )
}
