import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'

/** The one client of the issuer. */
export const client = { id: 'anyhost', secret: 'for-tests-only' }

/** The domain of the addresses of all demo accounts. */
export const demoDomain = 'badwolf.org'

/** Returns lemonldap-ng.ini, which says where the configuration is. */
export function iniFile(directory: string): string {
  return [
    '[all]',
    'logLevel = warn',
    '[configuration]',
    'type = File',
    `dirName = ${join(directory, 'conf')}`,
    '[portal]',
    'staticPrefix = /static',
    'templateDir = /usr/share/lemonldap-ng/portal/templates',
    'languages = en',
    '',
  ].join('\n')
}

/** Returns the folders that the portal needs, below its directory. */
export const folders = ['conf', 'sessions/lock', 'persistent/lock']

/**
 * Returns the configuration of an OpenID Connect issuer with the demo accounts of LemonLDAP::NG: `dwho`, `rtyler` and
 * `msmith`, each with the name as the password.
 */
export function portalConfig(issuer: string, appOrigin: string, directory: string): object {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const storage = (folder: string) => ({
    Directory: join(directory, folder),
    LockDirectory: join(directory, folder, 'lock'),
    generateModule: 'Lemonldap::NG::Common::Apache::Session::Generate::SHA256',
  })
  return {
    cfgNum: 1,
    // The portal takes a configuration without a date for none.
    cfgDate: 1,
    cfgVersion: '2.16.1',
    portal: `${issuer}/`,
    domain: 'localhost',
    cookieName: 'lemonldap',
    securedCookie: 0,
    authentication: 'Demo',
    userDB: 'Same',
    passwordDB: 'Null',
    registerDB: 'Null',
    demoExportedVars: { cn: 'cn', mail: 'mail', uid: 'uid' },
    // The portal protects no other sites. Its defaults for these are not valid.
    locationRules: {},
    exportedHeaders: {},
    exportedVars: {},
    localSessionStorage: '',
    macros: { emailVerified: '1' },
    globalStorage: 'Apache::Session::File',
    globalStorageOptions: storage('sessions'),
    persistentStorage: 'Apache::Session::File',
    persistentStorageOptions: storage('persistent'),
    captcha: '::Captcha::None',
    portalDisplayRegister: 0,
    portalDisplayResetPassword: 0,
    // The form leads to the site.
    cspFormAction: '*',
    issuerDBOpenIDConnectActivation: 1,
    issuerDBOpenIDConnectRule: 1,
    oidcServiceMetaDataIssuer: issuer,
    oidcServiceAllowAuthorizationCodeFlow: 1,
    oidcServiceKeyIdSig: 'test',
    oidcServicePrivateKeySig: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    oidcServicePublicKeySig: publicKey.export({ type: 'spki', format: 'pem' }),
    oidcRPMetaDataOptions: {
      anyhost: {
        oidcRPMetaDataOptionsClientID: client.id,
        oidcRPMetaDataOptionsClientSecret: client.secret,
        oidcRPMetaDataOptionsRedirectUris: `${appOrigin}/sign-in/callback`,
        oidcRPMetaDataOptionsPostLogoutRedirectUris: `${appOrigin}/`,
        oidcRPMetaDataOptionsIDTokenSignAlg: 'RS256',
        oidcRPMetaDataOptionsIDTokenExpiration: 3600,
        oidcRPMetaDataOptionsAccessTokenExpiration: 3600,
        oidcRPMetaDataOptionsRequirePKCE: 1,
        oidcRPMetaDataOptionsBypassConsent: 1,
        oidcRPMetaDataOptionsLogoutBypassConfirm: 1,
      },
    },
    oidcRPMetaDataExportedVars: {
      anyhost: { name: 'cn', email: 'mail', email_verified: 'emailVerified;bool' },
    },
  }
}
