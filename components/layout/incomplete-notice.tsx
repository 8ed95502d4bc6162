import { useTranslations } from 'next-intl'

const look = 'bg-danger-soft px-4 py-3 text-center forced-colors:border-b'

/**
 * Says that the page needs JavaScript, or that a script or style of the page failed to load even after a reload
 * (`lib/browser/reload-once`), so buttons may not work. Needs no script itself.
 */
export function IncompleteNotice() {
  const translate = useTranslations('site')
  const translateCommon = useTranslations('common')
  return (
    <>
      <noscript>
        <p className={look}>{translateCommon('noScript')}</p>
      </noscript>
      <p role="alert" className={`hidden ${look} [html[data-incomplete]_&]:block`}>
        <span>{translate('incomplete')}</span> {/* An empty href reloads this address with its query. */}
        {/* biome-ignore lint/a11y/useValidAnchor: a reload without a script */}
        <a href="" className="font-medium underline">
          {translate('reload')}
        </a>
      </p>
    </>
  )
}
