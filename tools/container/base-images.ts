import { cp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ContainerEngine } from './container-engine'

const certificates = '/etc/ssl/certs/ca-certificates.crt'

/**
 * Builds stand-ins for the official images of Node and HAProxy from Debian's packages and this machine's Node and npm:
 * no registry of images is needed. They trust the certificate authorities of this machine.
 * @param npmScript the path of npm's `bin/npm-cli.js`
 * @param images the names to build, as the Dockerfile and the compose file write them
 */
export async function buildBaseImages(
  { run }: ContainerEngine,
  directory: string,
  npmScript: string,
  images: { node: string; haproxy: string },
): Promise<void> {
  const root = join(directory, 'debian')
  await run('debootstrap', ['--variant=minbase', '--include=ca-certificates,haproxy', 'bookworm', root])
  const bin = join(root, 'usr/local/bin')
  await cp(process.execPath, join(bin, 'node'))
  const npm = join(root, 'usr/local/lib/node_modules/npm')
  await cp(join(dirname(npmScript), '..'), npm, { recursive: true })
  await run('ln', ['-s', '../lib/node_modules/npm/bin/npm-cli.js', join(bin, 'npm')])
  await cp(certificates, join(root, certificates))
  await run('chroot', [root, 'useradd', '--create-home', '--uid', '1000', 'node'])

  const build = async (image: string, lines: string[]) => {
    const file = join(directory, 'Base')
    await writeFile(
      file,
      ['FROM scratch', 'COPY debian /', `ENV NODE_EXTRA_CA_CERTS=${certificates}`, ...lines].join('\n'),
    )
    await run('buildah', ['bud', '--format', 'docker', '--file', file, '--tag', image, directory])
  }
  await build(images.node, ['CMD ["node"]'])
  await build(images.haproxy, ['USER haproxy', 'CMD ["haproxy"]'])
  await rm(root, { recursive: true })
}
