// Command yaml_oracle converts YAML texts as the API server does, one base64 line in, one JSON line out.
//
// Input lines are base64 of a YAML body. Each output line has the JSON text of the value ("json") or the
// error's text ("error"), and what the strict converter says ("strict", empty when it is content).
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"os"

	"sigs.k8s.io/yaml"
)

type answer struct {
	JSON   string `json:"json"`
	Error  string `json:"error"`
	Strict string `json:"strict"`
}

func convert(body []byte) (out answer) {
	value, err := yaml.YAMLToJSON(body)
	if err != nil {
		out.Error = err.Error()
		return out
	}
	out.JSON = string(value)
	if _, err := yaml.YAMLToJSONStrict(body); err != nil {
		out.Strict = err.Error()
	}
	return out
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for in.Scan() {
		body, err := base64.StdEncoding.DecodeString(in.Text())
		if err != nil {
			panic(err)
		}
		if err := encoder.Encode(convert(body)); err != nil {
			panic(err)
		}
	}
}
