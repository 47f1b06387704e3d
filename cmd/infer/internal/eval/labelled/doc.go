// Package labelled reads the text files that say which class a picture has: a table of
// classes, and a list of pictures.
//
// The columns of both are separated by tabs, and a line that is empty says nothing. It
// knows the names of files and classes. It must not know pictures or models.
package labelled
