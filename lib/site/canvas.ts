/** The background of pages in app/globals.css, for browsers that colour their own parts of the window. */
export const canvas = { light: '#faf9f5', dark: '#0d1210' }
