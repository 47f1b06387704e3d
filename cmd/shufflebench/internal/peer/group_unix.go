//go:build unix

package peer

import (
	"os/exec"
	"syscall"
)

// ownGroup keeps a terminal's interrupt from the process.
func ownGroup(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// kill ends the process and what it started.
func kill(c *exec.Cmd) {
	if syscall.Kill(-c.Process.Pid, syscall.SIGKILL) != nil {
		c.Process.Kill()
	}
}
