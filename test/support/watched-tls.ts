import { writeFile } from 'node:fs/promises'
import { secretFile, type WatchedTls } from '../../envoy/tls.ts'

/** Has Envoy read and watch the tls.crt, tls.key and ca.crt of a folder; writes the files that tell it so beside the folder. */
export async function watchedTls(folder: string, names: readonly string[] = []): Promise<Required<WatchedTls>> {
  const [certificate, authorities] = [`${folder}-certificate.yaml`, `${folder}-authorities.yaml`]
  await writeFile(certificate, secretFile('certificate', folder))
  await writeFile(authorities, secretFile('authorities', folder))
  return { certificate, authorities, names }
}
