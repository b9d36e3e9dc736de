import { labels } from './confined-container.ts'
import { type CommandOutcome, runCommand } from './run-command.ts'
import { testImage } from './test-image.ts'

/** Runs the image of the command to its end, confined and with 256 MB, in the network of this machine and without a terminal. */
export async function runCliContainer(...args: string[]): Promise<CommandOutcome> {
  const { tag } = await testImage('cli')
  const marks = Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`])
  const confined = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges', '--memory=256m']
  return runCommand('docker', ['run', '--rm', '--network=host', ...confined, ...marks, tag, ...args])
}
