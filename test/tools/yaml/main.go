// yaml answers what Kubernetes makes of YAML: it reads a JSON list of texts from standard input, and writes a JSON list
// with an answer for each.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"

	documents "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// document is one document of a text: its value, or why it is refused.
type document struct {
	Value json.RawMessage `json:"value,omitempty"`
	// What the API server says under strict field validation, where it would else pass over a fault.
	Strict string `json:"strict,omitempty"`
	Error  string `json:"error,omitempty"`
}

func main() {
	var texts []string
	if err := json.NewDecoder(os.Stdin).Decode(&texts); err != nil {
		panic(err)
	}
	answers := make([][]document, len(texts))
	for i, text := range texts {
		answers[i] = read(text)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		panic(err)
	}
}

// read splits a text into documents as kubectl does, and reads each as the API server does.
func read(text string) []document {
	found := []document{}
	reader := documents.NewYAMLReader(bufio.NewReader(strings.NewReader(text)))
	for {
		part, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			return append(found, document{Error: err.Error()})
		}
		found = append(found, parse(part))
	}
}

func parse(part []byte) document {
	value, err := yaml.YAMLToJSON(part)
	if err != nil {
		return document{Error: err.Error()}
	}
	if _, err := yaml.YAMLToJSONStrict(part); err != nil {
		return document{Value: value, Strict: err.Error()}
	}
	return document{Value: value}
}
