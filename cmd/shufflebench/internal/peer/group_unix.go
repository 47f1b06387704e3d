//go:build unix

package peer

import (
	"os/exec"
	"syscall"
)

// ownGroup puts the process into a group of its own, so that an interrupt from the
// terminal does not reach it.
func ownGroup(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// kill ends the process and what it started.
func kill(c *exec.Cmd) {
	if syscall.Kill(-c.Process.Pid, syscall.SIGKILL) != nil {
		c.Process.Kill()
	}
}
