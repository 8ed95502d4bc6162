import type { Account } from './people'

/** Returns the page that asks who signs in: one button per person, and one that cancels. */
export function signInPage(action: string, people: readonly Account[]): string {
  const buttons = people.map(
    ({ sub, name, email }, index) =>
      `<button name="person" value="${sub}"${index === 0 ? ' autofocus' : ''}>${name}<small>${email}</small></button>`,
  )
  return page(
    'Who are you?',
    `<p>This is a provider for development. It asks for no password.</p>
    <form method="post" action="${action}">
      ${buttons.join('\n      ')}
      <button name="person" value="" class="quiet">Cancel</button>
    </form>`,
  )
}

/** Returns the page for a sign-in that is not known (any more), as after "Back". */
export function unknownSignInPage(appOrigin: string): string {
  return page('This sign-in is over', `<p>It was finished, or is too old. <a href="${appOrigin}/">Start again</a>.</p>`)
}

/** Returns the page that signs out, by itself. A request of another site must not do that, hence the form's secret. */
export function signOutPage(form: string): string {
  return page(
    'Signing out',
    `${form}
    <button form="op.logoutForm" name="logout" value="yes" autofocus>Sign out</button>
    <script>document.querySelector('button').click()</script>`,
  )
}

/** Returns the page after signing out without an address to return to. */
export function signedOutPage(appOrigin: string): string {
  return page('You are signed out', `<p><a href="${appOrigin}/">Back to the site</a></p>`)
}

/** Returns the page for a request that the provider rejects. @param error as in RFC 6749 §5.2 */
export function errorPage(error: string, description: string | undefined, appOrigin: string): string {
  return page(
    'This does not work',
    `<p>${escapeHtml(error)}: ${escapeHtml(description ?? 'no description')}</p>
    <p><a href="${appOrigin}/">Back to the site</a></p>`,
  )
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>${title}</title>
    <link rel="icon" href="data:,">
    <style>
      body { font: 1rem/1.5 system-ui, sans-serif; max-width: 24rem; margin: 4rem auto; padding: 0 1rem }
      button { font: inherit; display: block; width: 100%; margin: .5rem 0; padding: .75rem; border-radius: .5rem;
        border: 1px solid #777; background: #fff; color: #111; text-align: start; cursor: pointer }
      button:focus-visible { outline: 3px solid #2563eb; outline-offset: 2px }
      button.quiet { border-color: transparent; text-align: center }
      small { display: block; color: #555 }
    </style>
  </head>
  <body>
    <h1>${title}</h1>
    ${body}
  </body>
</html>
`
}

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
