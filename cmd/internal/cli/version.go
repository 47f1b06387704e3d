package cli

import "runtime/debug"

// What a release's linker sets, by -ldflags "-X ...cli.version=v0.3.0 -X ...cli.commit=...",
// where the build itself would not know it.
var version, commit string

// Version returns the module version of this build and the commit that it was
// built from: "v0.3.0", or "(devel) 0123456789ab+changes" for a build of a
// checkout with changes. The commit is left out where the build does not know it.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return versionOf(info, version, commit)
}

// versionOf prefers what the linker set to what the build knows.
func versionOf(info *debug.BuildInfo, version, commit string) string {
	if version == "" {
		version = info.Main.Version
	}
	if version == "" {
		version = "(devel)"
	}
	if commit != "" {
		return version + " " + commit[:min(len(commit), 12)]
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = " " + s.Value[:min(len(s.Value), 12)]
		case s.Key == "vcs.modified" && s.Value == "true":
			commit += "+changes"
		}
	}
	return version + commit
}
