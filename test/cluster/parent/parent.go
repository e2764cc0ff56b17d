// Package parent ends a program together with the one that started it.
package parent

import (
	"os"
	"runtime"
	"strconv"
	"syscall"
)

// Set by the harness to the process id of its supervisor.
const variable = "WEKA_GITOPS_DIE_WITH"

func init() {
	// The kernel keeps the wish per thread, and init runs on the thread that lives as long as the process.
	runtime.LockOSThread()
}

// DieWith asks the kernel to kill this process as soon as its parent is gone, if that parent is the supervisor. It
// holds even where the parent was killed and could not clean up.
func DieWith() {
	supervisor, err := strconv.Atoi(os.Getenv(variable))
	if err != nil {
		return
	}
	os.Unsetenv(variable)
	_, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_PDEATHSIG, uintptr(syscall.SIGKILL), 0)
	if errno != 0 || os.Getppid() != supervisor {
		os.Exit(1)
	}
}
