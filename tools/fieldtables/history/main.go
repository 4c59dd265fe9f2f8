// Command history prints the fields of the struct types in folders of Go source, one "type field" a line.
//
// Arguments are pairs: the name to print before the type ("core/v1") and the folder to read. The sources are
// parsed, not compiled, so that releases older than this compiler can be read.
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
)

func main() {
	var lines []string
	for i := 1; i+1 < len(os.Args); i += 2 {
		files, _ := filepath.Glob(filepath.Join(os.Args[i+1], "*.go"))
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || strings.Contains(filepath.Base(file), "generated") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			lines = append(lines, declared(os.Args[i], parsed)...)
		}
	}
	sort.Strings(lines)
	for _, line := range lines {
		fmt.Println(line)
	}
}

func declared(prefix string, file *ast.File) (lines []string) {
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.TypeSpec)
		if !ok {
			return true
		}
		body, ok := spec.Type.(*ast.StructType)
		if !ok {
			return true
		}
		for _, field := range body.Fields.List {
			tag := ""
			if field.Tag != nil {
				tag = reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("json")
			}
			key, _, _ := strings.Cut(tag, ",")
			if key == "-" {
				continue
			}
			if len(field.Names) == 0 && key == "" {
				lines = append(lines, prefix+"."+spec.Name.Name+" +"+embedded(field.Type))
				continue
			}
			if key == "" {
				key = field.Names[0].Name
			}
			lines = append(lines, prefix+"."+spec.Name.Name+" "+key)
		}
		return true
	})
	return lines
}

func embedded(node ast.Expr) string {
	switch one := node.(type) {
	case *ast.SelectorExpr:
		return one.Sel.Name
	case *ast.Ident:
		return one.Name
	}
	return "?"
}
